import type { Agent, Operations } from '#dashboard/app/api/generated/api.ts';
import { parseJson } from '#dashboard/app/forms/json-text.ts';
import { checkOutline } from '#dashboard/app/pages/editor/draft-outline.ts';

export type Trigger = Operations['createAgent']['body']['trigger_config'];
type Body = Operations['createAgent']['body'];

/** A step while it is edited. `key` tells it apart as long as the editor is open; it is never saved. */
export type Step = {
  readonly key: string;
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly config: Readonly<Record<string, unknown>>;
} & Readonly<Record<string, unknown>>;

/** An agent while it is edited. */
export type Draft = {
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly trigger: Trigger;
  readonly steps: readonly Step[];
  readonly settings: Readonly<Record<string, unknown>>;
};

/** Where an agent starts from when it is made from nothing. */
export function emptyDraft(): Draft {
  return {
    name: '',
    description: '',
    enabled: true,
    trigger: { type: 'manual' },
    steps: [],
    settings: {},
  };
}

export function draftOf(agent: Agent): Draft {
  const { name, description, enabled, trigger_config, actions, settings } = agent;
  return {
    name,
    description,
    enabled,
    trigger: withoutNulls(trigger_config) as Trigger,
    steps: actions.map((action) => keyed(action)),
    settings,
  };
}

/** What is saved. A masked secret is sent back as it came: it means no change. */
export function bodyOf(draft: Draft): Body {
  const { name, description, enabled, trigger, steps, settings } = draft;
  return {
    name,
    description,
    enabled,
    trigger_config: trigger,
    actions: steps.map(unkeyed) as Body['actions'],
    ...(Object.keys(settings).length > 0 && { settings }),
  };
}

/**
 * The draft that a JSON text describes.
 *
 * @throws Error with a message for people
 */
export function draftFromJson(text: string): Draft {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null) throw new Error('Give a JSON object.');
  checkOutline(value as Record<string, unknown>);
  const agent = value as Partial<Body> & Pick<Body, 'actions'>;
  const { name = '', description = '', enabled, trigger_config, actions, settings } = agent;
  return {
    name,
    description,
    enabled: enabled !== false,
    trigger: trigger_config ?? { type: 'manual' },
    steps: actions.map(keyed),
    settings: settings ?? {},
  };
}

let made = 0;

function newKey(): string {
  made += 1;
  return `step-${made}`;
}

/** The step, and every step inside it, with a key of its own. */
export function keyed(action: object): Step {
  const { config, id, type, ...rest } = action as Record<string, unknown>;
  return {
    ...rest,
    key: newKey(),
    id: String(id ?? ''),
    type: String(type ?? ''),
    config: mapInner((config ?? {}) as Step['config'], (inner) => inner.map((one) => keyed(one))),
  };
}

/** A step as the API takes it. */
export function unkeyed(step: Step): Record<string, unknown> {
  const { key: _, id, config, ...rest } = step;
  return {
    ...(id !== '' && { id }),
    ...rest,
    config: mapInner(config, (inner) => inner.map((one) => unkeyed(one as Step))),
  };
}

/** A config with `change` applied to each list of steps in it. */
function mapInner(
  config: Step['config'],
  change: (steps: readonly object[]) => readonly object[],
): Step['config'] {
  const { branches, actions, otherwise } = config;
  return {
    ...config,
    ...(Array.isArray(branches) && {
      branches: branches.map((branch: Record<string, unknown>) => ({
        ...branch,
        ...(Array.isArray(branch['actions']) && { actions: change(branch['actions']) }),
      })),
    }),
    ...(Array.isArray(actions) && { actions: change(actions) }),
    ...(Array.isArray(otherwise) && { otherwise: change(otherwise) }),
  };
}

function withoutNulls(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null));
}
