// Keycloak shows the name that somebody has entered without a label, which a screen reader needs.
document.addEventListener("DOMContentLoaded", () => {
  const words = { es: "Usuario", en: "Username" };
  const language = document.documentElement.lang.slice(0, 2);
  document.getElementById("kc-attempted-username")?.setAttribute("aria-label", words[language] ?? words.en);
});
