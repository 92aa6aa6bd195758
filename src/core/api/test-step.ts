import * as z from 'zod';
import { LogLineView, StepView } from '#core/api/run';

/** How a tried step went. */
export const TestStepView = z
  .strictObject({
    status: z.enum(['success', 'failed']),
    input: StepView.shape.input,
    output: StepView.shape.output,
    error: StepView.shape.error,
    duration_ms: z.int(),
    log: z.array(LogLineView),
    omitted: StepView.shape.omitted,
  })
  .meta({ id: 'TestStepResult' });
export type TestStepView = z.infer<typeof TestStepView>;
