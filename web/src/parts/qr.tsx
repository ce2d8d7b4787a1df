/** A QR code as one path: black on white in every scheme, with its quiet zone. */
import { encode } from "uqr";

export function Qr({ text, label }: { text: string; label: string }) {
  const code = encode(text, { ecc: "M", border: 4 });
  let path = "";
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) if (code.data[y]![x]) path += `M${x} ${y}h1v1h-1z`;
  }
  return (
    <div class="qr">
      <svg viewBox={`0 0 ${code.size} ${code.size}`} role="img" aria-label={label} shape-rendering="crispEdges">
        <rect width="100%" height="100%" fill="#fff" />
        <path d={path} fill="#000" />
      </svg>
    </div>
  );
}
