/** What a piece of isolated work may use up before it is ended. */
export type IsolationLimits = {
  /** @default 30 seconds */
  readonly timeoutMs?: number;
  /** Of JavaScript values. @default 128 */
  readonly memoryMb?: number;
};

/**
 * Does work that may block or grow (reading somebody else's HTML, say) apart from everything else,
 * and ends it for certain at its limits or when the signal says so. The rest of the process goes on
 * meanwhile, so that a run keeps saying that it is alive.
 *
 * @param job a name of `functions/isolated-worker.ts`
 * @param input and the result are copied: JSON values and bytes
 * @throws ActionRejectedError when a limit was reached, or what the job itself throws of our errors;
 *   the signal's reason when it was aborted
 */
export type Isolate = <Result>(
  job: string,
  input: unknown,
  options?: IsolationLimits & { readonly signal?: AbortSignal },
) => Promise<Result>;
