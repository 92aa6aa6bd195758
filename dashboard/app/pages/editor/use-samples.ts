import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import type { TemplateScope } from '#core/templates/templates';
import type { RunDetail } from '#dashboard/app/api/generated/api.ts';
import { newestRunQuery } from '#dashboard/app/api/runs.ts';
import type { Draft } from '#dashboard/app/pages/editor/draft.ts';

/**
 * The data that placeholders are picked from and previewed with: what the agent's last run saw, a sample
 * payload that the person gave, and the outputs of steps that were tried.
 */
export function useSamples(agentId: string | undefined, draft: Draft) {
  const lastRun = useQuery({
    ...newestRunQuery(agentId ?? ''),
    enabled: agentId !== undefined,
    staleTime: 0,
  });
  const [payload, setPayload] = useState<unknown>(undefined);
  const [tried, setTried] = useState<Readonly<Record<string, unknown>>>({});
  const keepOutput = useCallback((id: string, output: unknown) => {
    setTried((before) => ({ ...before, [id]: output }));
  }, []);

  const run = lastRun.data ?? undefined;
  const { name, trigger } = draft;
  const samples = useMemo(
    (): TemplateScope => ({
      trigger: triggerSample(trigger.type, payload, run),
      steps: stepSamples(run, tried),
      agent: { id: agentId ?? 'agt_sample', name, version: 1 },
      run: {
        id: run?.id ?? 'run_sample',
        triggered_by: run?.triggered_by ?? 'manual',
        triggered_at: run?.triggered_at ?? new Date(0).toISOString(),
      },
    }),
    [agentId, name, trigger.type, payload, run, tried],
  );
  return { samples, keepOutput, payload, setPayload };
}

function triggerSample(type: string, payload: unknown, run: RunDetail | undefined): unknown {
  const last = (run?.trigger ?? undefined) as Record<string, unknown> | undefined;
  const base =
    last ?? (type === 'schedule' ? { scheduled_at: '2027-01-01T09:00:00.000Z' } : { body: {} });
  return payload === undefined ? base : { ...base, body: payload };
}

function stepSamples(
  run: RunDetail | undefined,
  tried: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const ran = (run?.steps ?? []).map(({ id, output, status, error }) => [
    id,
    { output, status, error },
  ]);
  const now = Object.entries(tried).map(([id, output]) => [
    id,
    { output, status: 'success', error: null },
  ]);
  return Object.fromEntries([...ran, ...now]);
}
