import { assessments } from './assessments.ts';
import { laboratory } from './laboratory.ts';
import type { SeedPatient } from './people.ts';
import type { SeedResource } from './resource.ts';
import { socialHistory } from './social-history.ts';
import { vitalSigns } from './vital-signs.ts';

export function observations(patient: SeedPatient): SeedResource[] {
  return [...vitalSigns(patient), ...laboratory(patient), ...socialHistory(patient), ...assessments(patient)];
}
