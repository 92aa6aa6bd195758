/** Why a target refused a call; the same call would be refused again. */
export type Refusal = { readonly code: string; readonly message: string };

/** What schedules reach, and who lets them. A call that throws may succeed later. */
export type World = {
  /** Whether Scheduler may take a role on for a group's schedules; false also for a role that does not exist. */
  mayAssume(roleArn: string, groupArn: string): boolean;
  /** Whether a role's policies allow a call. */
  allows(roleArn: string, call: { readonly action: string; readonly resource: string }): boolean;
  /** @param input of SQS's SendMessage. */
  sendMessage(input: Readonly<Record<string, unknown>>): Promise<Refusal | undefined>;
  /** @param payload the event as JSON. */
  invoke(functionArn: string, payload: string): Promise<Refusal | undefined>;
  /** Told what was given up, for people. */
  onProblem(message: string): void;
};
