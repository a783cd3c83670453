// The address of the service, as the programs of a site reach it.

const { base: publicUrl } = document.querySelector("main").dataset;

export const base = publicUrl || location.origin;
