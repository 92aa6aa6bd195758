import { type LedgerPosition, readLedger, type UsageDeps } from '#core/limits/usage';

const DAY_MS = 86_400_000;

/** Days that are told about, today included. */
const DAYS = 14;

/** Most entries of the ledger that are looked at, the newest ones. */
const MAX_ENTRIES = 20_000;
const CHUNK = 1_000;

/** What a user's runs took on each of the last days. */
export type Spending = {
  /** Oldest first; a day in UTC, such as `2026-11-22`, and its credits less what came back on it. */
  readonly days: { date: string; credits: number }[];
  /** Whether there were more entries than are looked at; then the oldest are left out. */
  readonly truncated: boolean;
};

/** Credits by the day on which they were taken, from the ledger. Grants and adjustments are not spending. */
export async function spendingByDay(userId: string, deps: UsageDeps): Promise<Spending> {
  const today = Math.floor(deps.clock.now() / DAY_MS);
  const first = today - DAYS + 1;
  const spent = new Map<number, number>();
  let position: LedgerPosition | undefined;
  let seen = 0;
  let truncated = false;
  do {
    const page = await readLedger(userId, position, CHUNK, deps);
    const there = page.items.filter(({ at }) => Math.floor(at / DAY_MS) >= first);
    for (const { at, kind, amount } of there) {
      if (kind !== 'reserve' && kind !== 'refund') continue;
      const day = Math.floor(at / DAY_MS);
      spent.set(day, (spent.get(day) ?? 0) - amount);
    }
    seen += page.items.length;
    position = there.length === page.items.length ? page.next : undefined;
    truncated = position !== undefined && seen >= MAX_ENTRIES;
  } while (position !== undefined && !truncated);
  const days = Array.from({ length: DAYS }, (_, place) => ({
    date: new Date((first + place) * DAY_MS).toISOString().slice(0, 10),
    credits: Math.max(0, spent.get(first + place) ?? 0),
  }));
  return { days, truncated };
}
