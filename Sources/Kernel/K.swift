enum K {}
