// Never more than one piece of work under way and one waiting; what waits is always the newest. Pure.

/**
 * @param {(input: any, signal: AbortSignal) => Promise<void>} work must not reject
 * @returns {{submit: (input: any) => void, cancel: () => void}}
 */
export function latestWins(work) {
  let running = null; // AbortController of the work under way
  let waiting = null; // a function that starts the newest of what came meanwhile

  async function start(input) {
    const mine = (running = new AbortController());
    await work(input, mine.signal);
    if (running !== mine) return; // cancelled meanwhile
    const next = waiting;
    running = waiting = null;
    next?.();
  }

  return {
    submit(input) {
      if (running) waiting = () => start(input);
      else start(input);
    },
    cancel() {
      running?.abort();
      running = waiting = null;
    },
  };
}
