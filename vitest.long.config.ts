import { defineConfig } from 'vitest/config';

/** Long proofs: every resource taken away, repeated kills; minutes each. */
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    testTimeout: 900_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    globalSetup: ['./test/support/global-setup.ts'],
  },
});
