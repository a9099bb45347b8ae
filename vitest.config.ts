import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/long/**', '**/node_modules/**'],
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    // The slowest single test starts the real bin and a whole laptop stack on a busy 2-core machine.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    globalSetup: ['./test/support/global-setup.ts'],
    unstubEnvs: true,
  },
});
