import { agentsApp } from '#lib/app';

agentsApp(process.env['CDK_OUTDIR'] ?? 'cdk.out').synth();
