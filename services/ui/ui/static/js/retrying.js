// Asking again for what could not be had just now.

const LONGEST_MS = 120_000; // a restart takes seconds, a new model a minute; after that a person had better know
const FIRST_MS = 1_000;
const SLOWEST_MS = 10_000;

/** Whether asking again soon will end better: the gateway, or a part of the system, is away, full or busy. */
const isPassing = ({ status, retryAfter }) => Boolean(retryAfter) || [0, 429, 502, 503, 504].includes(status);

/** Whether asking again may end better: it failed through no fault of what was sent. */
export const isWorthRetrying = (problem) => isPassing(problem) || problem.status >= 500;

/**
 * Run `work` until it ends otherwise than for a passing reason: what was accepted is tried again by the queue itself. After two minutes that, too, is an answer.
 * @param {() => Promise<any>} work
 * @param {{signal?: AbortSignal, onwait?: () => void}} options `onwait` is called each time before the next attempt is waited for
 */
export async function withRetries(work, { signal, onwait } = {}) {
  const until = performance.now() + LONGEST_MS;
  for (let usual = FIRST_MS; ; usual = Math.min(2 * usual, SLOWEST_MS)) {
    try {
      return await work();
    } catch (problem) {
      const after = problem.retryAfter ? problem.retryAfter * 1000 : usual;
      if (signal?.aborted || problem.wasAccepted || !isPassing(problem) || performance.now() + after > until) throw problem;
      onwait?.();
      await pause(after, signal);
      signal?.throwIfAborted();
    }
  }
}

/** Wait for so many milliseconds, or until `signal` aborts, if there is one. */
export function pause(duration, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, duration);
    signal?.addEventListener("abort", () => { clearTimeout(timer); resolve(); });
  });
}
