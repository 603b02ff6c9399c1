/** Days as the reader's own clock and language have them. A day is written as `2026-11-22`. */

const near = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const far = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const farther = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });

export function dayOf(moment) {
  const two = (number) => String(number).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

/** "Today", "Yesterday", "Thursday, 19 November" or, in another year, "19 November 2025". */
export function nameOf(day, now = new Date()) {
  const midnight = new Date(`${day}T00:00`);
  // Rounded, since a day with a change of the clock has 23 or 25 hours.
  const ago = Math.round((new Date(`${dayOf(now)}T00:00`) - midnight) / 86_400_000);
  if (ago === 0 || ago === 1) return capitalised(near.format(-ago, "day"));
  return (midnight.getFullYear() === now.getFullYear() ? far : farther).format(midnight);
}

/** Calls back shortly after each midnight, and when a page that slept through one is seen again. */
export function everyDay(callback) {
  let today = dayOf(new Date());
  const look = () => {
    if (today === (today = dayOf(new Date()))) return;
    callback();
  };
  const wait = () => {
    const now = new Date();
    const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
    setTimeout(() => (look(), wait()), midnight - now + 1000);
  };
  document.addEventListener("visibilitychange", look);
  wait();
}

function capitalised(text) {
  const [first, ...rest] = text;
  return first.toLocaleUpperCase() + rest.join("");
}
