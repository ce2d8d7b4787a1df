/** The content of a UPI QR code (NPCI linking specification 1.6), made on the phone, without a network. */
export function upiLink(upiId: string, shopName: string, paise: number, reference: string): string {
  const amount = `${Math.floor(paise / 100)}.${String(paise % 100).padStart(2, "0")}`;
  const fields = [["pa", upiId], ["pn", shopName.slice(0, 50)], ["am", amount], ["cu", "INR"], ["tr", reference], ["tn", shopName.slice(0, 40)]];
  return `upi://pay?${fields.map(([name, value]) => `${name}=${encodeURIComponent(value!)}`).join("&")}`;
}

/** A bill's reference: letters and digits, 35 at most. */
export function upiReference(saleId: string): string {
  return saleId.replace(/[^A-Za-z0-9]/g, "").slice(0, 35);
}
