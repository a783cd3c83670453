// How the desk writes what is known of a comment, its author and its campaign.

import { date, t } from "../shared/texts.js";
import { decision, label } from "../shared/wording.js";

export function authorRecord(author) {
  if (!author) return "";
  const { approved, rejected, pending, first_seen: firstSeen } = author;
  if (approved + rejected + pending <= 1) return t("desk.first_comment");
  return t("desk.record", { date: date(firstSeen), approved, rejected, pending });
}

const nameAndStatus = ({ author_name: name, status }) => ({ name, status: t(`status.${status}`) });

export const replyTo = (comment) => t("desk.reply_to", nameAndStatus(comment));

export const byline = (comment) => t("desk.by", nameAndStatus(comment));

export function campaign({ size, approved, rejected, pending, standing }) {
  const counts = t("desk.campaign_told", { count: size, approved, rejected, pending });
  return standing ? `${counts} ${t(`desk.standing.${standing}`)}` : counts;
}

// Who decided about a comment before one's own decision arrived.
export const overtakenBy = (comment) => decision({ ...comment, created_at: comment.decided_at });

// The training labels of a comment, in one line each.
export function trainingLabels(labels) {
  return Object.entries(labels).map(([code, holds]) =>
    holds ? t("desk.label_yes", { label: label(code) }) : t("desk.label_no", { label: label(code) }),
  );
}
