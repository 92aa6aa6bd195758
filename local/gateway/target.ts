/** What a request asks for. */
export type Target = {
  /** Decoded. */
  readonly path: string;
  /** As it came, without the question mark. */
  readonly query: string;
};

/** Reads a request's target; undefined for anything but a path on this server, and for escapes that are none. */
export function parseTarget(url: string): Target | undefined {
  if (!url.startsWith('/')) return undefined;
  const mark = url.indexOf('?');
  const rawPath = mark === -1 ? url : url.slice(0, mark);
  const query = mark === -1 ? '' : url.slice(mark + 1);
  if (!rawPath.includes('%')) return { path: rawPath, query };
  try {
    return { path: decodeURIComponent(rawPath), query };
  } catch {
    return undefined;
  }
}
