import { keys } from '#adapters/dynamo-keys';
import {
  type ClosedAccount,
  type CreditAccount,
  type LedgerEntry,
  type LedgerKind,
  ledgerKinds,
} from '#core/limits/credits';
import type { PlanName } from '#core/limits/plans';

/** An account as its item. */
export function storeAccount(account: CreditAccount): Record<string, unknown> {
  return {
    ...keys.account(account.userId),
    ...storeTotals(account),
    reserved: account.reserved,
    version: account.version,
    recent: account.recent.map(storeEntry),
    settled: account.settled,
  };
}

/** An account without its ledger, as attributes. */
export function storeTotals(account: ClosedAccount): Record<string, unknown> {
  return {
    plan: account.plan,
    balance: account.balance,
    month: account.month,
    month_runs: account.runsThisMonth,
    hour: account.hour,
    hour_runs: account.runsThisHour,
    ...(account.isSuspended && { suspended: true }),
  };
}

/** An account without its ledger, from its attributes. */
export function loadTotals(userId: string, item: Record<string, unknown>): ClosedAccount {
  return {
    userId,
    plan: item['plan'] as PlanName,
    isSuspended: item['suspended'] === true,
    balance: Number(item['balance']),
    month: String(item['month']),
    runsThisMonth: Number(item['month_runs']),
    hour: Number(item['hour']),
    runsThisHour: Number(item['hour_runs']),
  };
}

/** An account from its item. */
export function loadAccount(userId: string, item: Record<string, unknown>): CreditAccount {
  return {
    ...loadTotals(userId, item),
    reserved: Number(item['reserved'] ?? 0),
    version: Number(item['version']),
    recent: (item['recent'] as string[]).map(loadEntry),
    settled: Number(item['settled']),
  };
}

/** An entry as one short text: time, kind, amount, run, reason. */
export function storeEntry({ at, kind, amount, runId = '', reason = '' }: LedgerEntry): string {
  return [at, ledgerKinds.indexOf(kind), amount, runId, reason].join(' ').trimEnd();
}

/** An entry from its text. */
export function loadEntry(text: string): LedgerEntry {
  const [at, kind, amount, runId = '', ...words] = text.split(' ');
  const reason = words.join(' ');
  return {
    at: Number(at),
    kind: ledgerKinds[Number(kind)] as LedgerKind,
    amount: Number(amount),
    ...(runId !== '' && { runId }),
    ...(reason !== '' && { reason }),
  };
}
