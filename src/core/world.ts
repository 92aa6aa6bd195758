import type { Connections } from '#core/connections/connection';
import type { Figures } from '#core/figures';
import type { Files } from '#core/files';
import type { Http } from '#core/http';
import type { Mailer } from '#core/mail/mail';
import type { Profiles } from '#core/mail/profiles';
import type { SuppressionStore } from '#core/mail/suppressions';
import type { Memory } from '#core/memory';
import type { Models } from '#core/models/models';
import type { Clock } from '#core/ports';
import type { RecordStore } from '#core/runs/records';
import type { Isolate } from '#core/steps/isolate';

/** Reads from this deployment as its users do. */
type OwnAddress = {
  get(
    path: string,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly body: Uint8Array; readonly url: string }>;
};

/**
 * The outside world that actions reach: one field a service, made real by the adapters. Every
 * function that executes steps gives the same one.
 */
export type World = {
  /** Addresses that users choose. */
  readonly http: Http;
  /** Work that may block or grow, with limits that hold. */
  readonly isolate: Isolate;
  /** E-mail from this deployment's own address. */
  readonly mail: Mailer;
  /** Addresses that a user's e-mail is not sent to any more. */
  readonly suppressions: Pick<SuppressionStore, 'find'>;
  /** Files that are made for people. */
  readonly files: Files;
  /** What steps remember from one run to the next. */
  readonly memory: Memory;
  readonly clock: Clock;
  /** What is known of users. Not for actions. */
  readonly profiles: Profiles;
  /** Language models. */
  readonly models: Models;
  /** Credentials that users have stored. */
  readonly connections: Connections;
  /** What the product's own automations keep. */
  readonly records: Pick<RecordStore, 'put'>;
  /** What happened over all accounts, for the product's own automations. @param hours to look back */
  readonly figures: (hours: number) => Promise<Figures>;
  /** What is public of this deployment itself. */
  readonly own: OwnAddress;
};
