/** What narrows a list of runs down, as it stands in the page's address. */
export type RunFilter = {
  readonly status?: string | undefined;
  /** A time, or how far to look back, such as `24h`. */
  readonly since?: string | undefined;
  /** A time. */
  readonly until?: string | undefined;
};

const HOUR_MS = 3_600_000;

/** How far one can look back. */
export const lookBacks = [
  { value: '1h', label: 'Last hour', ms: HOUR_MS },
  { value: '24h', label: 'Last 24 hours', ms: 24 * HOUR_MS },
  { value: '7d', label: 'Last 7 days', ms: 168 * HOUR_MS },
  { value: '30d', label: 'Last 30 days', ms: 720 * HOUR_MS },
] as const;

/** The same as the API takes it. What is no time is left out: addresses can be typed. @param now epoch ms. */
export function timesOf({ since, until }: RunFilter, now: number) {
  const back = lookBacks.find(({ value }) => value === since);
  const from = back ? now - back.ms : Date.parse(since ?? '');
  const to = Date.parse(until ?? '');
  return {
    ...(!Number.isNaN(from) && { since: new Date(from).toISOString() }),
    ...(!Number.isNaN(to) && { until: new Date(to).toISOString() }),
  };
}

export function isNarrowed({ status, since, until }: RunFilter): boolean {
  return Boolean(status || since || until);
}

/** For the page's address: what does not narrow is not in it. */
export function onlyGiven({ status, since, until }: RunFilter) {
  return { ...(status && { status }), ...(since && { since }), ...(until && { until }) };
}
