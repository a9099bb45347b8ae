import { defineCheck, judge } from '../check.ts';
import { chosenCategories } from '../evidence/chosen-categories.ts';

export const categoriesChoosable = defineCheck({
  meta: {
    id: 'scopes/categories-choosable',
    title: 'Where an app asks for a whole type, users may grant categories of it',
    severity: 'error',
    specs: ['45 CFR 170.315(g)(10)(v)(A)(1)(i)'],
    requirements: ['G10-016'],
    inferno: ['9.26.4.10'],
    needs: { chosen: chosenCategories },
    fix: 'Offer the categories of Condition and Observation beside the whole type where users choose, and grant what they picked.',
  },
  judge({ chosen: { asked, picked, granted, at } }) {
    const words = granted.split(' ');
    const whole = words.includes(asked) ? `${asked} was granted though the user declined it` : undefined;
    const none = words.some((word) => picked.includes(word)) ? undefined : 'no category that was picked came';
    return judge(whole ?? none, { at: [at] });
  },
});
