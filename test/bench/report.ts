import { type BillLine, totalOf } from '#test/bench/bill';
import type { Billing } from '#test/bench/billing';
import type { KindResult, Results } from '#test/bench/results';
import type { Start } from '#test/bench/starts';
import { medianBy, type Percentiles } from '#test/bench/statistics';

type Row = readonly string[];

/** The results for people, in Markdown, beside the goals that the project has set itself. */
export function markdown(results: Results): string {
  const { options, machine } = results;
  return [
    `## Benchmark, ${results.at}`,
    `${machine.cpus} CPUs (${machine.model}), Node.js ${machine.node}, load before ${machine.loadBefore.toFixed(2)}. The product, ` +
      'the callers and the receiver share these CPUs. Nothing leaves the loopback interface.',
    table(
      ['Runs', 'one step', 'three steps', 'goal'],
      runRows(results, `${options.callers} callers, ${options.webhooks} webhooks`),
    ),
    table(['Start and memory', 'figure', 'goal'], [...startRows(results), ...memoryRows(results)]),
    table(['CPU a run under load, ms', 'one step', 'three steps'], cpuRows(results)),
    table(
      [
        '$ per million runs on AWS',
        'one step',
        'three steps',
        'approval',
        'one step, with Idempotency-Key',
        'three steps, `waits-only`',
        'approval, `waits-only`',
      ],
      billRows(results.billing),
    ),
    table(['An idle stack, a month', '$'], idleRows(results.billing)),
  ].join('\n\n');
}

function runRows({ one, three, options }: Results, load: string): Row[] {
  const both = (figure: (kind: KindResult) => string) => [figure(one), figure(three)];
  const steady = `at ${options.rate} webhooks/s`;
  return [
    [
      `runs/s, ${load}, median of ${options.rounds}`,
      ...both(({ median }) => median.runsPerSecond.toFixed(1)),
      '≥ 80 at first, ≥ 240 in the end; three ≥ 120',
    ],
    [
      'runs/s of each round',
      ...both(({ rounds }) => rounds.map((round) => round.runsPerSecond.toFixed(0)).join(', ')),
      '',
    ],
    [
      'CPU that other processes took meanwhile',
      ...both(({ median }) => `${(median.othersShare * 100).toFixed(0)} %`),
      '',
    ],
    [
      'acknowledge under that load, ms: p50 / p95 / p99',
      ...both(({ median }) => points(median.acknowledge)),
      '≤ 40 / – / 120',
    ],
    [
      'trigger → first action under that load, ms',
      ...both(({ median }) => points(median.firstAction)),
      '',
    ],
    [`acknowledge ${steady}, ms`, ...both((kind) => points(kind.steady.acknowledge)), ''],
    [
      `trigger → first action ${steady}, ms`,
      ...both((kind) => points(kind.steady.firstAction)),
      '≤ 15 / – / 30',
    ],
  ];
}

function startRows({ starts }: Results): Row[] {
  const row = (name: string, start: Start, goal: string) => [name, startTimes(start), goal];
  const { cold, first, later } = starts;
  return [
    ...(cold ? [row('start, never built before: ready / webhook taken, s', cold, '≤ 30')] : []),
    row('start on an empty directory, s', first, ''),
    row(
      `start again, s, median of ${later.length}`,
      medianBy(later, ({ acceptedMs }) => acceptedMs),
      '≤ 5',
    ),
  ];
}

function memoryRows({ memory }: Results): Row[] {
  const row = (name: string, { pssMb, rssMb }: typeof memory.underLoad, goal: string) => [
    name,
    `${pssMb.toFixed(0)} / ${rssMb.toFixed(0)}`,
    goal,
  ];
  return [
    row('memory idle, PSS / RSS of all processes, MB', memory.afterStart, '≤ 250'),
    row('memory under load, most, MB', memory.underLoad, ''),
    row('memory idle again after the load, MB', memory.afterLoad, ''),
    ['npm, which only waits, PSS on top, MB', memory.afterStart.npmPssMb.toFixed(0), ''],
  ];
}

function cpuRows({ one, three }: Results): Row[] {
  return Object.keys(one.median.cpuMsPerRun).map((name) => [
    name,
    (one.median.cpuMsPerRun[name] ?? 0).toFixed(2),
    (three.median.cpuMsPerRun[name] ?? 0).toFixed(2),
  ]);
}

function billRows({ one, three, approval, keyed, waitsOnly }: Billing): Row[] {
  const kinds = [one, three, approval, keyed, waitsOnly.three, waitsOnly.approval];
  const cell = (line: BillLine | undefined) =>
    `${(line?.dollarsPerMillion ?? 0).toFixed(2)} (${amount(line?.quantity ?? 0)})`;
  const rows = one.lines.map(({ item }, index) => [
    `${item} (a run)`,
    ...kinds.map(({ lines }) => cell(lines[index])),
  ]);
  const totals = kinds.map(({ lines }) => totalOf(lines).toFixed(2));
  return [
    ...rows,
    ['**together**', ...totals],
    ['goal', '≤ 15', '≤ 105', '≤ 190', '', '≤ 30', ''],
    ['goal, WRU', '≤ 14', '≤ 18', '', '≤ 14', '≤ 18', ''],
  ];
}

function idleRows({ idle }: Billing): Row[] {
  const total = idle.reduce((sum, [, dollars]) => sum + dollars, 0);
  return [
    ...idle.map(([item, dollars]) => [item, dollars.toFixed(3)]),
    ['**together** (goal ≤ 8)', total.toFixed(2)],
  ];
}

function points({ p50, p95, p99 }: Percentiles): string {
  return [p50, p95, p99].map((value) => value.toFixed(1)).join(' / ');
}

function startTimes({ readyMs, acceptedMs }: Start): string {
  return `${(readyMs / 1_000).toFixed(2)} / ${(acceptedMs / 1_000).toFixed(2)}`;
}

function amount(quantity: number): string {
  return String(Math.round(quantity * 1_000) / 1_000);
}

function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
