import { explain } from "@/api/errors.ts";
import { notify } from "@/components/toasts.ts";

/** Does something that a button asks for; says so where it does not work. @returns whether it worked */
export async function act(what: () => Promise<unknown>): Promise<boolean> {
  try {
    await what();
    return true;
  } catch (error) {
    const { title, detail } = explain(error);
    notify({ text: `${title}. ${detail}`, urgent: true });
    return false;
  }
}
