"""Names in the OpenAPI document that clients generate code from: they don't change."""

from __future__ import annotations

import re

from tests.operations import document, operations

# Method, path, and operationId. A new operation adds a line.
OPERATIONS = """
GET /api/v1/account/notifications read_notification_preferences
PUT /api/v1/account/notifications replace_notification_preferences
DELETE /api/v1/account/notifications/chat delete_notification_chat
PUT /api/v1/account/notifications/chat set_notification_chat
GET /api/v1/account/notifications/deliveries list_own_notifications
DELETE /api/v1/account/notifications/email delete_notification_email
PUT /api/v1/account/notifications/email set_notification_email
POST /api/v1/account/notifications/test send_test_notification
PUT /api/v1/account/password change_password
POST /api/v1/account/password/link use_password_link
DELETE /api/v1/account/sessions end_other_sessions
GET /api/v1/account/sessions list_sessions
DELETE /api/v1/account/sessions/{token_id} end_session
GET /api/v1/account/tokens list_personal_tokens
POST /api/v1/account/tokens create_personal_token
DELETE /api/v1/account/tokens/{token_id} revoke_personal_token
POST /api/v1/alarms/{alarm_id}/seen mark_drift_alert_seen
GET /api/v1/articles/counts count_published_comments
GET /api/v1/articles/{article}/comments list_published_comments
GET /api/v1/articles/{article}/openness read_openness
PUT /api/v1/articles/{article}/openness set_openness
GET /api/v1/audit list_audit_entries
GET /api/v1/audit/file export_audit_log
POST /api/v1/audit/verification verify_audit_log
GET /api/v1/authors list_authors
POST /api/v1/authors/lookup look_up_author
GET /api/v1/authors/{author_id} read_author
POST /api/v1/authors/{author_id}/email-reveal reveal_author_email
GET /api/v1/authors/{author_id}/misuse read_author_misuse
POST /api/v1/authors/{author_id}/misuse act_on_author
POST /api/v1/authors/{author_id}/notes create_author_note
DELETE /api/v1/authors/{author_id}/standing lift_standing
PUT /api/v1/authors/{author_id}/standing replace_standing
POST /api/v1/authors/{author_id}/standing/undo undo_standing
GET /api/v1/authors/{author_id}/statements list_author_statements
GET /api/v1/authors/{author_id}/timeline list_author_timeline
GET /api/v1/batches list_batches
POST /api/v1/batches decide_range
GET /api/v1/batches/{batch_id} read_batch
POST /api/v1/batches/{batch_id}/retry retry_batch
POST /api/v1/batches/{batch_id}/undo undo_batch
GET /api/v1/brakes list_brakes
GET /api/v1/brakes/{brake_id} read_brake
POST /api/v1/brakes/{brake_id}/hold hold_published
POST /api/v1/brakes/{brake_id}/prolongation prolong_brake
POST /api/v1/brakes/{brake_id}/release release_brake
GET /api/v1/campaigns list_campaigns
GET /api/v1/campaigns/{campaign_id} read_campaign
POST /api/v1/campaigns/{campaign_id}/brake brake_campaign
POST /api/v1/campaigns/{campaign_id}/decisions decide_campaign
POST /api/v1/campaigns/{campaign_id}/merge merge_campaign
DELETE /api/v1/campaigns/{campaign_id}/standing end_standing_decision
GET /api/v1/comments list_comments
POST /api/v1/comments create_comment
POST /api/v1/comments/batch create_comments
GET /api/v1/comments/counts count_comments
DELETE /api/v1/comments/{comment_id} delete_comment
GET /api/v1/comments/{comment_id} read_comment
PATCH /api/v1/comments/{comment_id} edit_comment
GET /api/v1/comments/{comment_id}/appeal read_appeal
POST /api/v1/comments/{comment_id}/appeal create_appeal
POST /api/v1/comments/{comment_id}/appeal/answer answer_appeal
GET /api/v1/comments/{comment_id}/card read_card
DELETE /api/v1/comments/{comment_id}/claim release_comment
PUT /api/v1/comments/{comment_id}/claim claim_comment
POST /api/v1/comments/{comment_id}/decisions decide_comment
DELETE /api/v1/comments/{comment_id}/escalation withdraw_escalation
POST /api/v1/comments/{comment_id}/escalation escalate_comment
GET /api/v1/comments/{comment_id}/history read_history
POST /api/v1/comments/{comment_id}/labels correct_labels
POST /api/v1/comments/{comment_id}/notes create_note
GET /api/v1/comments/{comment_id}/reports list_reports
POST /api/v1/comments/{comment_id}/reports report_comment
GET /api/v1/comments/{comment_id}/statements list_comment_statements
GET /api/v1/comments/{comment_id}/thread read_thread
POST /api/v1/comments/{comment_id}/undo undo_decision
GET /api/v1/decided list_decided
DELETE /api/v1/disputes/{dispute_id} delete_dispute
PUT /api/v1/disputes/{dispute_id} update_dispute
DELETE /api/v1/hand release_comments
POST /api/v1/hand reserve_comments
GET /api/v1/house-rules read_house_rules
GET /api/v1/jobs/{job_id} read_job
POST /api/v1/jobs/{job_id}/cancellation cancel_job
POST /api/v1/jobs/{job_id}/retry retry_job
DELETE /api/v1/misuse/{measure_id} end_measure
POST /api/v1/notices create_notice
GET /api/v1/notices/{notice} read_notice
POST /api/v1/notices/{notice}/complaint create_complaint
POST /api/v1/notices/{notice}/complaint/decision decide_complaint
POST /api/v1/notices/{notice}/decision decide_notice
POST /api/v1/notices/{notice}/evidence export_evidence
PUT /api/v1/notices/{notice}/passed-on pass_on_notice
GET /api/v1/notices/{notice}/sender/misuse read_sender_misuse
POST /api/v1/notices/{notice}/sender/misuse act_on_sender
POST /api/v1/notices/{notice}/sender/reveal reveal_sender
POST /api/v1/nudges count_nudge
GET /api/v1/overview read_overview
GET /api/v1/overview/attention read_attention
POST /api/v1/person-links create_person_link_as_site
GET /api/v1/queue list_queue
GET /api/v1/queue/counts count_queue
POST /api/v1/scores score_texts
DELETE /api/v1/session log_out
GET /api/v1/session read_session
POST /api/v1/session log_in
POST /api/v1/sites create_site
GET /api/v1/sites/{site}/alarms list_drift_alerts
GET /api/v1/sites/{site}/article-addresses read_article_addresses
PUT /api/v1/sites/{site}/article-addresses update_article_addresses
POST /api/v1/sites/{site}/article-mergings start_article_merging
GET /api/v1/sites/{site}/articles/{article}/openness read_openness_as_staff
PUT /api/v1/sites/{site}/articles/{article}/openness set_openness_as_staff
GET /api/v1/sites/{site}/comments/{comment_id}/models read_lineage
POST /api/v1/sites/{site}/comparisons start_comparison
GET /api/v1/sites/{site}/disputes list_disputes
POST /api/v1/sites/{site}/disputes create_dispute
GET /api/v1/sites/{site}/erasures list_erasures
POST /api/v1/sites/{site}/erasures erase_person
GET /api/v1/sites/{site}/erasures/{erasure_id} read_erasure
POST /api/v1/sites/{site}/erasures/{erasure_id}/answer answer_erasure
GET /api/v1/sites/{site}/examples export_examples
GET /api/v1/sites/{site}/exports list_exports
POST /api/v1/sites/{site}/exports start_export
GET /api/v1/sites/{site}/exports/{export_id} read_export
GET /api/v1/sites/{site}/exports/{export_id}/file download_export
GET /api/v1/sites/{site}/flaggers list_flaggers
POST /api/v1/sites/{site}/flaggers create_flagger
PUT /api/v1/sites/{site}/flaggers/{flagger_id} update_flagger
GET /api/v1/sites/{site}/holds list_holds
POST /api/v1/sites/{site}/holds place_hold
DELETE /api/v1/sites/{site}/holds/{hold_id} lift_hold
GET /api/v1/sites/{site}/imports list_imports
POST /api/v1/sites/{site}/imports create_import
DELETE /api/v1/sites/{site}/imports/{import_id} delete_import
GET /api/v1/sites/{site}/imports/{import_id} read_import
POST /api/v1/sites/{site}/imports/{import_id}/check check_import
PUT /api/v1/sites/{site}/imports/{import_id}/files/{number} upload_import_part
POST /api/v1/sites/{site}/imports/{import_id}/start start_import
GET /api/v1/sites/{site}/insights read_insights
GET /api/v1/sites/{site}/insights/file download_insights
GET /api/v1/sites/{site}/integrations read_integrations
PUT /api/v1/sites/{site}/integrations update_integrations
POST /api/v1/sites/{site}/integrations/coral-secret create_coral_secret
GET /api/v1/sites/{site}/jobs list_jobs
GET /api/v1/sites/{site}/keys list_site_keys
POST /api/v1/sites/{site}/keys create_site_key
DELETE /api/v1/sites/{site}/keys/{key_id} revoke_site_key
POST /api/v1/sites/{site}/keys/{key_id}/rotation rotate_site_key
GET /api/v1/sites/{site}/legal read_legal_settings
PUT /api/v1/sites/{site}/legal update_legal_settings
GET /api/v1/sites/{site}/misuse list_measures
GET /api/v1/sites/{site}/models list_models
POST /api/v1/sites/{site}/models import_model
GET /api/v1/sites/{site}/models/{version} read_model
GET /api/v1/sites/{site}/models/{version}/card read_model_card
GET /api/v1/sites/{site}/models/{version}/file export_model
POST /api/v1/sites/{site}/models/{version}/promotion promote_model
GET /api/v1/sites/{site}/notices list_notices
GET /api/v1/sites/{site}/notifications read_site_notifications
PUT /api/v1/sites/{site}/notifications replace_site_notifications
DELETE /api/v1/sites/{site}/notifications/chat delete_site_chat
PUT /api/v1/sites/{site}/notifications/chat set_site_chat
GET /api/v1/sites/{site}/notifications/deliveries list_site_notifications
POST /api/v1/sites/{site}/notifications/test send_site_test
GET /api/v1/sites/{site}/nudges read_nudges
POST /api/v1/sites/{site}/persons/correction rectify_person
POST /api/v1/sites/{site}/persons/export export_person
POST /api/v1/sites/{site}/persons/link create_person_link
POST /api/v1/sites/{site}/persons/page export_person_page
POST /api/v1/sites/{site}/persons/summary summarize_person
GET /api/v1/sites/{site}/policies list_policies
GET /api/v1/sites/{site}/policy read_policy
PUT /api/v1/sites/{site}/policy replace_policy
GET /api/v1/sites/{site}/published-reports list_published_reports
POST /api/v1/sites/{site}/published-reports publish_report
GET /api/v1/sites/{site}/published-reports/{report_id}/file download_published_report
POST /api/v1/sites/{site}/receipts/check check_receipt
GET /api/v1/sites/{site}/rehearsal read_rehearsal
POST /api/v1/sites/{site}/rehearsals start_rehearsal
POST /api/v1/sites/{site}/rescorings start_rescoring
GET /api/v1/sites/{site}/retention read_retention
PATCH /api/v1/sites/{site}/retention update_retention
GET /api/v1/sites/{site}/retention/due count_due_data
POST /api/v1/sites/{site}/retrainings start_retraining
POST /api/v1/sites/{site}/rollback roll_back_model
GET /api/v1/sites/{site}/rules list_rules
POST /api/v1/sites/{site}/rules create_rule
POST /api/v1/sites/{site}/rules/import import_rule
POST /api/v1/sites/{site}/rules/trials backtest_rule
DELETE /api/v1/sites/{site}/rules/{rule_id} delete_rule
GET /api/v1/sites/{site}/rules/{rule_id} read_rule
PATCH /api/v1/sites/{site}/rules/{rule_id} update_rule
GET /api/v1/sites/{site}/rules/{rule_id}/entries read_rule_entries
GET /api/v1/sites/{site}/rules/{rule_id}/versions list_rule_versions
GET /api/v1/sites/{site}/score-distribution read_score_distribution
GET /api/v1/sites/{site}/setup read_setup
PUT /api/v1/sites/{site}/setup update_setup
DELETE /api/v1/sites/{site}/shadow stop_shadow
GET /api/v1/sites/{site}/shadow read_shadow
PUT /api/v1/sites/{site}/shadow start_shadow
GET /api/v1/sites/{site}/shadow/looks count_blind_reviews
POST /api/v1/sites/{site}/shadow/looks create_blind_review
GET /api/v1/sites/{site}/shadow/sample sample_shadow
GET /api/v1/sites/{site}/staff list_staff
POST /api/v1/sites/{site}/staff invite_staff
DELETE /api/v1/sites/{site}/staff/{login} remove_staff
PUT /api/v1/sites/{site}/staff/{login} update_roles
PUT /api/v1/sites/{site}/staff/{login}/agency set_agency
POST /api/v1/sites/{site}/staff/{login}/disable disable_staff
POST /api/v1/sites/{site}/staff/{login}/enable enable_staff
DELETE /api/v1/sites/{site}/staff/{login}/identity unlink_identity
PUT /api/v1/sites/{site}/staff/{login}/identity link_identity
POST /api/v1/sites/{site}/staff/{login}/password-link create_password_link
DELETE /api/v1/sites/{site}/staff/{login}/second-factor reset_second_factor
DELETE /api/v1/sites/{site}/staff/{login}/sessions end_staff_sessions
GET /api/v1/sites/{site}/system-status read_system_status
GET /api/v1/sites/{site}/team read_team
GET /api/v1/sites/{site}/terms read_site_terms
PUT /api/v1/sites/{site}/terms update_site_terms
GET /api/v1/sites/{site}/thresholds propose_thresholds
GET /api/v1/sites/{site}/transparency-files list_transparency_files
POST /api/v1/sites/{site}/transparency-files start_transparency_file
GET /api/v1/sites/{site}/transparency-files/{file_id} read_transparency_file
GET /api/v1/sites/{site}/transparency-files/{file_id}/file download_transparency_file
GET /api/v1/sites/{site}/webhooks list_webhooks
POST /api/v1/sites/{site}/webhooks create_webhook
POST /api/v1/sites/{site}/what-if run_what_if
GET /api/v1/terms read_terms
GET /api/v1/triage/histogram read_score_histogram
GET /api/v1/triage/sample sample_scores
GET /api/v1/views list_views
POST /api/v1/views create_view
DELETE /api/v1/views/{view_id} delete_view
GET /api/v1/views/{view_id} read_view
PUT /api/v1/views/{view_id} replace_view
PUT /api/v1/views/{view_id}/assignees assign_view
DELETE /api/v1/webhooks/{webhook_id} delete_webhook
GET /api/v1/webhooks/{webhook_id} read_webhook
PUT /api/v1/webhooks/{webhook_id} update_webhook
GET /api/v1/webhooks/{webhook_id}/deliveries list_deliveries
POST /api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay replay_delivery
POST /api/v1/webhooks/{webhook_id}/replay replay_failed_deliveries
POST /api/v1/webhooks/{webhook_id}/secret rotate_webhook_secret
POST /api/v1/webhooks/{webhook_id}/test test_webhook
GET /healthz read_health
GET /readyz read_readiness
"""

# A new schema adds its name.
COMPONENTS = """
AgencyBody AlarmDetails AlarmExample AlarmList AlarmOut AncestorOut AppealAnswer
AppealOut ArticleAddresses ArticleAddressesChange ArticleCount ArticleCounts Assignees
AttentionItemOut AttentionOut AuditActorOut AuditEntryOut AuditFaultOut AuditPage
AuditTargetOut AuditVerificationOut AuthorInShort AuthorLookup AuthorOut AuthorPage
AuthorRights AuthorStandingOut BaselineEffect Batch BatchItem BatchOut BinOut
BlindSample BlindText BothCurvesOut BrakeArticle BrakeHours BrakeInShort BrakeLimitBody
BrakeMoment BrakeOut BrakePage BrakesBody BuiltInView BulkDecisionOut BulkDecisionPage
CampaignInShort CampaignMember CampaignOut CampaignPage CampaignWithMembers CareBody
CareNotice ClaimOut ClauseBody ClauseNamed ClockIn ClockOut ClosedOut CommentListPage
CommentOut ComparedService ComparisonOut ComplaintDecision ConditionBody ConditionOut
ContributionOut ContributionsOut CorrectionOut CountsOut CreatedTokenOut Credentials
CurrentOut CurvesOut DayHoursBody DecidedComment DecidedPage DecisionOut DeliveryOut
DeliveryPage DeliveryStatusOut DeskComment DeskPersonOut DifferenceOut DisputeBody
DisputeOut DisputesOut DistributionOut DueCount DueCounts EarlierOut EarnedTrustBody
EditedComment EndedEscalationOut EndedOut ErasureAnswer ErasureList ErasureOut ErrorBody
Escalated EscalationOut EvidenceItem EvidenceOut ExampleOut ExportList ExportOut
FigurePaceOut FiguresOfPartOut FiguresOut FirstCommentOut FirstPassword FlaggerChange
FlaggerOut FlaggersOut FoundAuthors GateOut GrantBody GrantOut Hand HandQuery Health
HeldCounts HeldOut HistogramOut History HitsOut HoldList HoldOut HouseRulesOut
ImportCheck ImportFileOut ImportList ImportOut ImportedRule InsightsOut InsightsRowOut
IntegrationsChange IntegrationsOut IntervalOut InvitedOut ItemDecision JobLineOut
JobList JobOut JobStatusOut JobWithLog KeptOut LabelFigures LegalBasisBody
LegalSettingsChange LegalSettingsOut LettersOut LineageOut LinkHolderOut LinkOut
ListFilters ListTrial ListedOut LookCounts MailServerOut MatchedThresholdsOut MeasureOut
MeasuresOut MemberOut MembershipOut MisuseCountOut MisuseRecordOut ModelList ModelOut
ModelWithReport MonthOut NameOut NearDuplicateOut NewAppeal NewArticleMerging
NewAuditVerification NewAuthorNote NewBulkDecision NewCampaignDecision NewChatWebhook
NewComment NewComparison NewComplaint NewCoralSecret NewCorrection NewDecision
NewDispute NewEmailReveal NewErasure NewEscalation NewExport NewFlagger NewHold
NewIdentity NewImport NewImportFile NewLook NewMeasure NewMember NewMerger NewNote
NewNotice NewNotificationEmail NewNotificationPreferences NewPassword NewPersonLink
NewPromotion NewReaderReport NewRehearsal NewRescoring NewRoles NewRule NewShadow
NewSite NewSiteKey NewSiteNotifications NewStanding NewTerms NewToken
NewTransparencyFile NewTrial NewWebhook NewWebhookSecret NoteOut NoticeComplaintOut
NoticeDecision NoticeEvidenceOut NoticeItemOut NoticeOut NoticePage NoticedComment
NotificationChoices NotificationList NotificationOut NotificationPreferencesOut
NotificationTest NudgeEffectsOut NudgeOfCode NudgeOut NudgeReaction NudgeShareOut
NudgesOfDay NudgesOut ObjectionOut OpeningHoursBody OpennessChange OpennessOut
OtherwiseComment OtherwiseOut OutageOut OutcomeOut OverviewOut OverviewStepOut
PaginationMetadata ParentOut PassedOn PasswordLinkOut PeriodFiguresOut PersonCorrected
PersonCorrection PersonExport PersonFormat PersonLinkOut PersonNamed PersonSummary
PersonalDataBody PersonalTokenList PersonalTokenOut PieceOut PolicyChange PolicyLog
PolicyOut PolicyVersion PromotionOut ProposalOut ProvenanceOut PublishedComment
PublishedPage PublishedReportList PublishedReportOut QueueCountsOut QueueFilters
QueuePage QueueStatusOut QueuedComment ReaderOut ReaderReportListed ReaderReportOut
ReaderReportSummary ReaderReportsOut Readiness ReasonOut Receipt ReceiptChecked
ReceiptIn RecordOut RegressionOut RehearsalBaseline RehearsalExampleOut
RehearsalExamples RehearsalLoad RehearsalOut RehearsalReport RehearsedGroup
RehearsedKind RehearsedMonth RehearsedSection RejectedOut ReplayOut ReplayedOut
ReportOut RetentionIn RetentionOut RevealedEmails RevealedNotifierOut RevisionOut
RuleChange RuleList RuleOut RuleVersionList RuleVersionOut RuleWithConditions SampleOut
ScoreReasonOut ScoredTextOut ScoresOut ScoringOut SecondsOut SectionOutcome SeenComment
SenderOut ServiceSide SessionList SessionOut SetupChange SetupOut ShadowDifference
ShadowOut ShadowShare ShareOut SiteKeyList SiteKeyOut SiteKeyRevoked SiteKeyRotation
SiteKeyWithSecret SiteNotificationsOut SiteOut SliceOut SpanOut StaffList StaffMemberOut
StaffNotice StaffOut StandingChanged StandingOut StandingsOut StatementOut StatementsOut
StorageOut SystemStatusOut TabCountOut TabCountsOut TakenBack TeachOut TeamAgreementOut
TeamAlikeOut TeamAuditedOut TeamFigureOut TeamFiguresOut TeamHeldArticleOut TeamHeldOut
TeamKappaOut TeamMemberOut TeamNoiseOut TeamOut TeamPaceOut TermsOut TextToScore
TextsToScore ThreadOut ThreadedComment ThresholdBody ThresholdsOut TimelineEntryOut
TimelinePage TokenOut TransparencyFileList TransparencyFileOut TrialOut UnderPolicyOut
Undo UndoableOut VerdictCount VerdictInAdvance VerdictSaid ViewBody ViewList ViewOut
WaitingAppeal WaveOut WebhookChange WebhookList WebhookOut WebhookWithSecret
WhatIfAnswer WhatIfQuestion
"""


def test_the_operations_are_these() -> None:
    expected = OPERATIONS.strip().splitlines()
    assert expected == [f"{each} {each.id}" for each in operations()]


def test_an_operation_id_is_used_once() -> None:
    names = [each.id for each in operations()]
    assert len(names) == len(set(names))


def test_an_operation_id_is_a_verb_and_a_noun() -> None:
    for each in operations():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", each.id), each


def test_the_components_are_these() -> None:
    assert sorted(document()["components"]["schemas"]) == COMPONENTS.split()
