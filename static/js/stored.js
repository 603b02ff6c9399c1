/** The browser's storage. It may be full or forbidden: then nothing is kept, and nothing is there. */
export const stored = {
  read: (key) => attempt(() => localStorage.getItem(key)) ?? null,
  write: (key, text) => attempt(() => localStorage.setItem(key, text)),
  forget: (key) => attempt(() => localStorage.removeItem(key)),
  keys: (prefix) => attempt(() => Object.keys(localStorage).filter((key) => key.startsWith(prefix))) ?? [],
};

function attempt(act) {
  try {
    return act();
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
