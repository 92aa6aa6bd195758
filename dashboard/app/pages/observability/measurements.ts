/** A measurement of one machine, as people read it. */
export type Measurement = {
  /** The metric's, unique among them. */
  readonly key: string;
  readonly name: string;
  /** What it is split by, such as the trigger. */
  readonly by: string;
  readonly value: string;
};

type Series = { readonly metric: string; readonly by: string; readonly parts: Map<string, number> };

const LINE = /^([a-z_]+)\{([^}]*)\} (\S+)$/;
const PART = /_(total|sum|count)$/;

/** Reads measurements in Prometheus' text format: counters, and summaries with quantiles. */
export function readMeasurements(text: string): readonly Measurement[] {
  const all = new Map<string, Series>();
  for (const line of text.split('\n')) {
    const [, name = '', labels = '', value = ''] = LINE.exec(line) ?? [];
    if (name === '') continue;
    const { quantile, service: _, ...others } = labelsOf(labels);
    const metric = name.replace(PART, '');
    const by = Object.values(others).join(', ');
    const series = all.get(`${metric} ${by}`) ?? { metric, by, parts: new Map() };
    series.parts.set(quantile ?? PART.exec(name)?.[1] ?? '', Number(value));
    all.set(`${metric} ${by}`, series);
  }
  return [...all].map(([key, { metric, by, parts }]) => ({
    key,
    name: inWords(metric),
    by,
    value: figuresOf(parts),
  }));
}

function labelsOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g);
  return Object.fromEntries([...pairs].map(([, name, value]) => [name, value]));
}

/** `start_lag_milliseconds` as "Start lag, ms". */
function inWords(metric: string): string {
  const [, words = metric, unit] = /^(.*?)(_milliseconds)?$/.exec(metric) ?? [];
  const spaced = words.replaceAll('_', ' ');
  return `${spaced.charAt(0).toUpperCase()}${spaced.slice(1)}${unit ? ', ms' : ''}`;
}

function figuresOf(parts: ReadonlyMap<string, number>): string {
  const figure = (part: string) =>
    new Intl.NumberFormat('en', { maximumFractionDigits: 1 }).format(parts.get(part) ?? 0);
  if (parts.has('total')) return figure('total');
  return `median ${figure('0.5')} · 95 % under ${figure('0.95')} · ${figure('count')} times`;
}
