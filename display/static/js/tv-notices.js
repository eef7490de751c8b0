/* Which spoken notice is shown to be read: for people who do not hear, and where nothing is heard. Pure. */

export const SHOWN_AFTER = 30000; // ms for which it stays when it was spoken, or when it was given up

/** Of `notices` (newest first): the one whose turn it is to be spoken, else the last one that has just ended, else null.
    `hallNow` in ms by the hall's clock, null before that is known. */
export function noticeToShow(notices, hallNow) {
  const waiting = notices.filter((notice) => !notice.ended_at);
  if (waiting.length > 0) {
    return waiting[waiting.length - 1];
  }
  let last = null;
  notices.forEach(function (notice) {
    if (last === null || Date.parse(notice.ended_at) > Date.parse(last.ended_at)) {
      last = notice;
    }
  });
  return last !== null && hallNow !== null && hallNow - Date.parse(last.ended_at) < SHOWN_AFTER ? last : null;
}
