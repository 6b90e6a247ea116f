/** Stops from here to the nearest next, reckoned in the phone. Places are those of the communes: stops of one commune stay
 *  in the order they had. */
const NEAR_MS = 4000;
const KM_A_DEGREE = 111.2;

/** Where the phone is; undefined when it does not know or may not say. */
export function here() {
  return new Promise((done) => {
    if (!navigator.geolocation) return done(undefined);
    const told = ({ coords }) => done({ latitude: coords.latitude, longitude: coords.longitude });
    navigator.geolocation.getCurrentPosition(told, () => done(undefined), { timeout: NEAR_MS, maximumAge: 600_000 });
  });
}

export function nearestNext(stops, start) {
  const left = [...stops];
  const way = [];
  let at = start;
  while (left.length) {
    let best = 0;
    for (let one = 1; one < left.length; one += 1) if (km(at, left[one]) < km(at, left[best]) - 0.01) best = one;
    const [next] = left.splice(best, 1);
    way.push(next);
    if (next.latitude !== null) at = next;
  }
  return way;
}

function km(from, to) {
  if (!from || to.latitude === null) return from ? Infinity : 0;
  const east = (to.longitude - from.longitude) * Math.cos((from.latitude * Math.PI) / 180);
  return Math.hypot(east, to.latitude - from.latitude) * KM_A_DEGREE;
}
