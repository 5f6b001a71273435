/** Builds the viewer into `dist/web`, from where `countersteer view` serves it. No file of it names another host. */
import path from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const root = import.meta.dirname;

export default defineConfig({
  root,
  plugins: [react()],
  build: {
    outDir: path.join(root, "../dist/web"),
    emptyOutDir: true,
    // the page's policy lets in no data: addresses of scripts and styles
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // the copyright notices of what is built in, which its licences want beside it
    license: { fileName: "licences.txt" },
  },
});
