/**
 * One search parameter of one resource type: `[type, paths, url, targets?]`. A path is steps joined by dots, a step
 * may carry a filter (`telecom[system=phone]`), and ends in `:` and the data type found there. `targets` (references
 * only) names the resource types the reference may point to; empty means any. `url` is relative to
 * `http://hl7.org/fhir/SearchParameter/` for parameters of R4 itself.
 */
export type CompiledParameter =
  | readonly [type: string, paths: readonly string[], url: string]
  | readonly [type: string, paths: readonly string[], url: string, targets: readonly string[]];
