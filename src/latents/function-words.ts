/**
 * Closed-class English words, very common verbs, and past forms spelt like a noun. WordNet does not list these, so it takes "can" for
 * a tin, "does" for deer and "his" for Hawaii.
 */
const TEXT = `
  a am an as at be by do go he hi if in is it me my no of oh ok on or so to up us we i d ll m re s t ve
  about above across after again against all almost along already also although always among and another any anybody
  anyone anything are aren around away back because been before behind being below beneath beside besides between beyond
  both but came can cannot come comes could did didn does doesn doing done don down during each either else enough even
  ever every everyone everything few first for from further get gets getting give given goes going gone got had has have
  having her here hers herself him himself his how however into isn its itself just last least less let lets like made
  make makes making many may maybe might mine more most much must myself near neither never next nobody none nor not
  nothing now off often once one ones only onto other others our ours ourselves out over own per perhaps please quite
  rather really said same saw say says second see seen several shall she should since some somebody someone something
  sometimes soon still such take taken takes than that the their theirs them themselves then there therefore these they
  thing things this those though three through throughout thus till too toward towards two under unless until unto upon
  use used uses using usually very via was wasn way ways well went were what whatever when where whereas whether which
  while who whole whom whose why will with within without won would yet you your yours yourself zero
  bore drove fell felt found lay led left lent shot spoke stuck swung woke wore wove
`;

export const FUNCTION_WORDS: ReadonlySet<string> = new Set(TEXT.trim().split(/\s+/));
