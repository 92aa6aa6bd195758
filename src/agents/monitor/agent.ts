import { addressProblems } from '#agents/addresses';
import { MonitorInput, MonitorOutput } from '#agents/monitor/schema';
import { defineAgent } from '#core/agents/built-in-agent';

/** Looks whether a page is well. */
export const monitorAgent = defineAgent({
  name: 'Monitor Agent',
  title: 'Watch a page',
  description:
    'Asks an address once and says whether it answers as it should: status, time, days that its certificate has left, texts that must or must not be there, and whether its text changed since the last time. A page that is down is a result, not a failure of the step.',
  input: MonitorInput,
  mainField: 'url',
  output: MonitorOutput,
  credits: 5,
  idempotency:
    'Reads only. It remembers what it saw for the next run; a repeated attempt compares with the same earlier run.',
  example: { input: { url: 'https://example.com', contains: 'Welcome', min_tls_days: 21 } },
  check: addressProblems,
  async run(context) {
    const { monitor } = await import('#agents/monitor/monitor');
    return monitor(context);
  },
});
