import type { Agent } from '#core/agents/agent';
import { RequestError } from '#core/errors';
import { type PlanName, plans } from '#core/limits/plans';
import { minimumIntervalMinutes, parseCron } from '#core/schedules/schedules';

/**
 * Refuses an agent that its owner's plan does not cover.
 *
 * @throws RequestError `beyond_plan`
 */
export function checkPlan({ trigger, settings }: Agent, name: PlanName): void {
  const plan = plans[name];
  if (trigger.type === 'schedule' && trigger.runAt === undefined) {
    const minutes = minimumIntervalMinutes(parseCron(trigger.cronExpression));
    if (minutes < plan.shortestIntervalMinutes) {
      throw beyond(
        'trigger_config.cron_expression',
        `The ${name} plan runs a schedule every ${plan.shortestIntervalMinutes} minutes at most, and this one may run after ${minutes}. Let it run less often, or change the plan.`,
      );
    }
  }
  if (settings.webhook_rate_per_minute > plan.webhookRatePerMinute) {
    throw beyond(
      'settings.webhook_rate_per_minute',
      `The ${name} plan takes ${plan.webhookRatePerMinute} webhook calls a minute for each agent at most. Set it lower, or change the plan.`,
    );
  }
}

function beyond(path: string, message: string): RequestError {
  return new RequestError('beyond_plan', message, { details: { fields: [{ path, message }] } });
}
