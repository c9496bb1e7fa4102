import { CSPProvider } from "@base-ui/react/csp-provider";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Toasts } from "@/components/Toasts.tsx";
import { Gallery } from "./Gallery.tsx";
import "../styles/index.css";

const root = document.getElementById("root");
if (root === null) throw new Error("gallery.html has no #root");
createRoot(root).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <Gallery />
      <Toasts />
    </CSPProvider>
  </StrictMode>,
);
