// What this browser keeps for itself: pictures that it had read, and snapshots. In IndexedDB, so that a reload loses nothing.

const NAME = "digitscribe";
const VERSION = 1;

let opening = null;

function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("pictures", { keyPath: "id" }).createIndex("at", "at");
      request.result.createObjectStore("snapshots", { keyPath: "key", autoIncrement: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

const answered = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/**
 * Run `work` on the object store `name`; answers its request's result once all is written. Rejects where the browser keeps
 * nothing (a private window of some) or its disk is full.
 * @param {"pictures"|"snapshots"} name
 * @param {"readonly"|"readwrite"} mode
 * @param {(store: IDBObjectStore) => IDBRequest} work
 */
export async function inStore(name, mode, work) {
  const transaction = (await database()).transaction(name, mode);
  const over = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  const [result] = await Promise.all([answered(work(transaction.objectStore(name))), over]);
  return result;
}

/** Call `visit` with each entry of the index `at` of the pictures, newest first; it may delete through the cursor. */
export async function walkPictures(visit) {
  const transaction = (await database()).transaction("pictures", "readwrite");
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
    transaction.objectStore("pictures").index("at").openCursor(null, "prev").onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      visit(cursor);
      cursor.continue();
    };
  });
}
