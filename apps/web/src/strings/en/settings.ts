export const settings = {
  title: "Settings",
  account: "Account",
  appearance: "Appearance",
  theme: { label: "Theme", system: "As the system", light: "Day", dark: "Lamplight" },
};
