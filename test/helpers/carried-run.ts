import type { AgentVersion } from '#core/agents/agent';
import { awaitCall, type CarryDeps, continueRun } from '#core/runs/continue-run';
import type { Run } from '#core/runs/run';
import { engineWorld, plenty, ref } from '#test/helpers/engine-world';

/** A run that a state machine carries, turn by turn. */
export function carriedRun(version: AgentVersion, run: Partial<Run> = {}) {
  const made = engineWorld(version, run);
  const deps: CarryDeps = {
    ...made.deps,
    mail: { send: async () => ({ messageId: 'mail-1' }) },
    profiles: { emailOf: async () => undefined },
    randomBytes: (length) => new Uint8Array(length),
    publicUrl: 'http://localhost',
  };
  let tokens = 0;
  return {
    ...made,
    /** What run-steps says. */
    carryOn: () => continueRun(ref, deps, plenty),
    /** Opens the approval that the run waits for. */
    async ask() {
      tokens += 1;
      await awaitCall(ref, `token-${tokens}`, deps);
    },
  };
}
