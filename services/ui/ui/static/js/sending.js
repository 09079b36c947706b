// A request whose body's way to the server can be watched, which `fetch` does not tell.

/**
 * Like `fetch` for a POST; `onsent` hears the sent share of the body, 0 to 1.
 * @returns {Promise<Response>} rejects with a TypeError where fetch does, with an AbortError where it was aborted
 */
export function send(url, { method, headers, body, signal, onsent }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers ?? {})) request.setRequestHeader(name, value);
    request.responseType = "blob";
    request.upload.onprogress = ({ loaded, total }) => onsent(total ? loaded / total : 0);
    request.upload.onload = () => onsent(1);
    request.onload = () => resolve(new Response(request.response, { status: request.status, headers: headersOf(request) }));
    request.onerror = () => reject(new TypeError("the server does not answer"));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

function headersOf(request) {
  const lines = request.getAllResponseHeaders().trim().split(/[\r\n]+/);
  return lines.map((line) => line.split(/: (.*)/s).slice(0, 2));
}
