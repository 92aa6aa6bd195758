import type { RecordedMeasurement } from '#local/types';

/** What every line in CloudWatch's embedded metric format has. */
const MARK = '"_aws":{';

type EmbeddedLine = {
  readonly [member: string]: unknown;
  readonly _aws?: {
    readonly CloudWatchMetrics?: readonly {
      readonly Dimensions?: readonly (readonly string[])[];
      readonly Metrics?: readonly { readonly Name: string; readonly Unit?: string }[];
    }[];
  };
};

/** Whether what a function wrote to its log may have measurements in it. */
export function hasMeasurements(text: string): boolean {
  return text.includes(MARK);
}

/**
 * The measurements in what a function wrote to its log, as CloudWatch takes them from lines in the
 * embedded metric format. Other lines cost a search for a mark.
 */
export function embeddedMetrics(text: string): RecordedMeasurement[] {
  return text.split('\n').filter(hasMeasurements).flatMap(measurementsOf);
}

function measurementsOf(text: string): RecordedMeasurement[] {
  const line = parsed(text);
  const directives = line?._aws?.CloudWatchMetrics ?? [];
  return directives.flatMap(({ Dimensions = [], Metrics = [] }) => {
    const names = Dimensions[0] ?? [];
    const labels = Object.fromEntries(names.map((name) => [name, String(line?.[name])]));
    return Metrics.map(({ Name, Unit = 'None' }) => ({
      name: Name,
      unit: Unit,
      labels,
      values: [line?.[Name] ?? []].flat().map(Number),
    }));
  });
}

/** A line that only looks like one is no measurement, as on CloudWatch. */
function parsed(text: string): EmbeddedLine | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
