/** Who is told what happens while a machine starts and runs. */
export type Report = {
  /** A part is ready. @param note what was done, in a few words. */
  step(part: string, note: string, seconds: number): void;
  /** Something is wrong that does not end the machine. */
  problem(message: string): void;
};

/** Does a part's work and reports how long it took; the work gives the note. */
export async function timed<T extends { readonly note: string }>(
  report: Report,
  part: string,
  work: () => Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  const done = await work();
  report.step(part, done.note, (performance.now() - startedAt) / 1_000);
  return done;
}
