import type { Faults } from '#local/faults/faults';
import type { Report } from '#local/report';

/** How a machine is started. */
export type MachineOptions = {
  /** 0 for any free port. */
  readonly port: number;
  readonly dataDir: string;
  /** The outside's address of the public doors; by default this machine's own. */
  readonly publicUrl?: string | undefined;
  /** What outgoing actions may reach although it is private, besides this machine's own Slack look-alike. */
  readonly egressAllow?: readonly string[];
  /** Values of the template's parameters that take the place of this machine's own. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly countOperations?: boolean;
  /** What goes wrong on purpose. */
  readonly faults?: Faults | undefined;
  /** Gives the synthesized app's directory and says how it was had; called once the port is. */
  synthesize(): Promise<{ readonly cdkOut: string; readonly note: string }>;
  readonly report: Report;
};
