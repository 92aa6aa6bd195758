/** The plans, cheapest first. */
export const planNames = ['free', 'builder', 'pro'] as const;
export type PlanName = (typeof planNames)[number];

/** What a plan lets a user do. The pricing page is made from these values. */
export type Plan = {
  /** Runs that may be started in a calendar month, UTC. */
  readonly runsPerMonth: number;
  /** Runs that may be started in a clock hour. */
  readonly runsPerHour: number;
  /** Runs that are executed at the same time; waiting ones do not count. */
  readonly runsAtOnce: number;
  /** Credits that a month begins with at least. */
  readonly creditsPerMonth: number;
  /** Shortest time between two runs of a schedule, in minutes. */
  readonly shortestIntervalMinutes: number;
  /** Highest `webhook_rate_per_minute` that an agent may set. */
  readonly webhookRatePerMinute: number;
  /** Calls of the API that are taken at once, and a second in the long run. */
  readonly apiBurst: number;
  readonly apiPerSecond: number;
  /** Steps that may be tried in a minute, and connections. */
  readonly triesPerMinute: number;
  /** Outgoing requests a minute to one host. */
  readonly requestsPerHostPerMinute: number;
  /** E-mails in a day, UTC, that steps send, and alerts to another address than the user's own. */
  readonly mailsPerDay: number;
  /** Whether e-mail goes to the user's own verified address only. */
  readonly mailsOwnAddressOnly: boolean;
};

/** What each plan gives. */
export const plans: Readonly<Record<PlanName, Plan>> = {
  free: {
    runsPerMonth: 100,
    runsPerHour: 60,
    runsAtOnce: 2,
    creditsPerMonth: 200,
    shortestIntervalMinutes: 15,
    webhookRatePerMinute: 100,
    apiBurst: 100,
    apiPerSecond: 5,
    triesPerMinute: 10,
    requestsPerHostPerMinute: 60,
    mailsPerDay: 20,
    mailsOwnAddressOnly: true,
  },
  builder: {
    runsPerMonth: 1_000,
    runsPerHour: 300,
    runsAtOnce: 5,
    creditsPerMonth: 5_000,
    shortestIntervalMinutes: 1,
    webhookRatePerMinute: 100,
    apiBurst: 300,
    apiPerSecond: 20,
    triesPerMinute: 30,
    requestsPerHostPerMinute: 600,
    mailsPerDay: 500,
    mailsOwnAddressOnly: false,
  },
  pro: {
    runsPerMonth: 100_000,
    runsPerHour: 20_000,
    runsAtOnce: 25,
    creditsPerMonth: 500_000,
    shortestIntervalMinutes: 1,
    webhookRatePerMinute: 60_000,
    apiBurst: 2_000,
    apiPerSecond: 100,
    triesPerMinute: 60,
    requestsPerHostPerMinute: 6_000,
    mailsPerDay: 5_000,
    mailsOwnAddressOnly: false,
  },
};

/** What of the bill for the deployment's own language model one credit pays, in US dollars. */
export const USD_PER_CREDIT = 0.01;

/** Credits that pay for so much of the deployment's own language model: begun ones count whole. */
export function creditsForUsd(usd: number): number {
  // Sums of fractions of a cent are a little off: they must not begin one more credit.
  return Math.max(0, Math.ceil(usd / USD_PER_CREDIT - 1e-9));
}

/** The plan of a user whom nobody gave another one. */
export const DEFAULT_PLAN: PlanName = 'free';
