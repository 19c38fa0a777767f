import type { Plan } from './plan.ts'

type Lists = Pick<Plan, 'acts' | 'faults' | 'kills'>
const LISTS: readonly (keyof Lists)[] = ['kills', 'faults', 'acts']

/**
 * The smallest part of a failing plan that still fails: halves first, then one by one, until nothing more can go.
 * At most `tries` runs are spent.
 */
export async function shrinkPlan(plan: Plan, fails: (plan: Plan) => Promise<boolean>, tries = 400): Promise<Plan> {
  let best = plan
  let left = tries
  const attempt = async (candidate: Plan): Promise<boolean> => {
    if (left <= 0) return false
    left -= 1
    if (!(await fails(candidate))) return false
    best = candidate
    return true
  }
  for (let isSmaller = true; isSmaller && left > 0;) {
    isSmaller = false
    for (const list of LISTS) {
      for (let size = Math.max(1, best[list].length >> 1); size >= 1; size = size === 1 ? 0 : size >> 1) {
        for (let from = 0; from < best[list].length && left > 0;) {
          const kept = (best[list] as readonly unknown[]).filter((_item, i) => i < from || i >= from + size)
          if (await attempt({ ...best, [list]: kept } as Plan)) isSmaller = true
          else from += size
        }
      }
    }
  }
  return best
}
