/** Checks that say `na` on plain loopback HTTP; test/faults/tls.test.ts breaks them on real TLS servers. */
export const ELSEWHERE: ReadonlySet<string> = new Set([
  'tls/https-endpoints',
  'tls/modern',
  'tls/old-versions',
]);
