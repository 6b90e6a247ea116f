/** [data-scan-result="right | wrong | already"]: tells the last scan by sound and touch, and readies the field for the next one. */
import { tell } from "./scan_sound.js";

const result = document.querySelector("[data-scan-result]")?.dataset.scanResult;
if (result) tell(result);
document.querySelector("[data-scan-code]")?.select();
