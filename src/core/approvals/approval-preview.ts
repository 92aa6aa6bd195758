import type { PreviewedAction } from '#core/approvals/approval';
import { type Lookout, scopeSoFar } from '#core/approvals/known-so-far';
import { maskedConfig } from '#core/approvals/masked-config';
import { type Next, nextActions } from '#core/approvals/next-actions';
import { connectionIds } from '#core/connections/references';
import { ActionRejectedError } from '#core/errors';
import { comingOf } from '#core/steps/step-path';
import { resolveTemplates } from '#core/templates/templates';

/** What comes after an approval, for the approver to see. */
export type Preview = {
  readonly shown: readonly PreviewedAction[];
  /** The resolved config of the next action, to be executed as it is. */
  readonly covers?: {
    readonly path: string;
    readonly config: unknown;
    /** Versions of the connections that it uses, by id. */
    readonly connections?: Readonly<Record<string, number>>;
  };
  /**
   * Paths of what may come next, when it can only be shown with placeholders: whichever comes must
   * be approved again. What comes only after the item of a loop that the approval ends is not.
   */
  readonly asksAgain?: readonly string[];
};

/**
 * The next action behind an approval with its placeholders filled in, as far as the data is there.
 * Where data that is not there yet decides which action that is, all that may come are shown.
 */
export async function previewNext(lookout: Lookout): Promise<Preview> {
  const next = await nextActions(lookout);
  const [only] = next;
  if (only === undefined) return { shown: [] };
  const config = next.length === 1 ? await tryResolve(only, lookout) : undefined;
  if (config === undefined) return templates(next, lookout);
  const { value } = config;
  const shown = await showNext(only, { isResolved: true, config: value }, lookout);
  // The last item's approval is none of what follows the loop, which may run long after it.
  if (shown.comes === 'after_loop') return { shown: [shown] };
  const used = shown.connections?.map(({ id, version }) => [id, version] as const);
  const connections = used && { connections: Object.fromEntries(used) };
  return { shown: [shown], covers: { path: only.path, config: value, ...connections } };
}

/** What may come next, with its placeholders. */
async function templates(next: readonly Next[], lookout: Lookout): Promise<Preview> {
  const shown = await Promise.all(
    next.map((one) => showNext(one, { isResolved: false, config: one.step.config }, lookout)),
  );
  const asksAgain = shown.flatMap(({ comes, stepPath }) => (comes === 'next' ? stepPath : []));
  return { shown, ...(asksAgain.length > 0 && { asksAgain }) };
}

async function showNext(
  { step, path }: Next,
  { isResolved, config }: { readonly isResolved: boolean; readonly config: unknown },
  { rest, execution }: Lookout,
): Promise<PreviewedAction> {
  const { id, type, name } = step;
  const { deps, claim } = execution;
  const ids = connectionIds(config, deps.catalog.find(type) ?? {});
  const found = await Promise.all(
    ids.map((one) => deps.world.connections.version(claim.userId, one)),
  );
  const connections = found.filter((one) => one !== undefined);
  return {
    stepPath: path,
    id,
    type,
    ...(name !== undefined && { name }),
    comes: comingOf(path, `${rest.frame.prefix}${rest.first}`),
    isResolved,
    config: maskedConfig(config),
    ...(connections.length > 0 && { connections }),
  };
}

async function tryResolve({ step, frame }: Next, lookout: Lookout) {
  const scope = frame && (await scopeSoFar(step.config, frame, lookout));
  if (scope === undefined) return undefined;
  try {
    const embed = lookout.execution.deps.catalog.find(step.type)?.embed;
    return { value: resolveTemplates(step.config, scope, undefined, embed) };
  } catch (error) {
    if (error instanceof ActionRejectedError) return undefined;
    throw error;
  }
}
