// The first call (docs/integrating/first-call.md) in TypeScript: its types are checked, and it is not run.
import createClient from "openapi-fetch";
import type { paths as Intake } from "./intake";
import type { paths as Referrals } from "./referrals";

const address = "https://solidary.example";
const intake = createClient<Intake>({ baseUrl: `${address}/api/intake/v1` });
const referrals = createClient<Referrals>({ baseUrl: `${address}/api/referrals/v1` });

export async function outcome(id: string): Promise<string | null> {
  const { data, error } = await referrals.GET("/referrals/{referral_id}", { params: { path: { referral_id: id } } });
  if (error) throw new Error(`${error.title}: ${error.detail ?? ""}`);
  return data.outcome;
}
export async function move(id: string, area: string): Promise<number> {
  const path = { household_id: id };
  const read = await intake.GET("/households/{household_id}", { params: { path } });
  const version = read.response.headers.get("etag") ?? undefined;
  const { data, error } = await intake.PUT("/households/{household_id}", {
    params: { path, header: { "If-Match": version } },
    body: { area, own_income: 0, other_aid: 0 },
  });
  if (error) throw new Error(error.title);
  return data.version;
}

export async function refused(): Promise<void> {
  // @ts-expect-error The description has no such path.
  await referrals.GET("/referrals/{referral_id}/nothing", { params: { path: { referral_id: "1" } } });
  // @ts-expect-error The area is missing.
  await intake.PUT("/households/{household_id}", { params: { path: { household_id: "1" } }, body: { own_income: 0, other_aid: 0 } });
}
