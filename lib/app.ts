import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import cdkJson from '../cdk.json' with { type: 'json' };
import { stageConfig } from './config/stages.ts';
import { AgentsStack } from './stacks/agents-stack.ts';

/**
 * The whole cloud assembly, ready to be synthesized and checked.
 *
 * @param outdir where the assembly is written.
 * @throws Error for a stage that does not exist (context `stage`).
 */
export function agentsApp(outdir: string): App {
  // The CLI passes cdk.json's context by itself; without the CLI nobody else would, and flags change
  // the template. What the CLI passes (`-c`) wins over this.
  const app = new App({ outdir, autoSynth: false, context: cdkJson.context });
  new AgentsStack(app, 'CrucibaiAgents', stageConfig(app.node.tryGetContext('stage')));
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}
