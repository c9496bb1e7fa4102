import { onlineManager } from "@tanstack/react-query";
import { BookOpenCheck, WifiOff } from "lucide-react";
import { useSyncExternalStore } from "react";
import { Banner } from "@/components/Banner.tsx";
import { Button } from "@/components/Button.tsx";
import { shell as text } from "@/strings/index.ts";
import { useNewVersion } from "./newVersion.ts";

const watchOnline = (changed: () => void) => onlineManager.subscribe(changed);
const isOnline = () => onlineManager.isOnline();

/** What has to be said on every page. */
export function Banners() {
  const online = useSyncExternalStore(watchOnline, isOnline);
  const newVersion = useNewVersion();
  return (
    <div className="sticky top-0 z-20">
      {!online && <Banner icon={WifiOff}>{text.offline}</Banner>}
      {newVersion && (
        <Banner
          icon={BookOpenCheck}
          action={
            <Button size="small" onClick={() => globalThis.location.reload()}>
              {text.reload}
            </Button>
          }
        >
          {text.newVersion}
        </Banner>
      )}
    </div>
  );
}
